// The accounts of the demo, by what their owners do.

export const PASSWORD = "signalbox-demo";

export const ADMIN = "admin@contoso.example";
export const OTHER_ADMIN = "admin@fabrikam.example";
export const VIEWER = "viewer@contoso.example";
export const SUPPORT = "support@vendor.example";
export const INCIDENT_LEAD = "incident@vendor.example";
export const RELEASE_MANAGER = "release@vendor.example";
export const APPROVER = "approver@vendor.example";
export const OPERATOR = "operator@vendor.example";
