// Every kind of page in every state that looks different, with who sees it and how to get there. For walks that are
// about all pages: accessibility, security, pictures.

import { Api, eventfulRollout } from "./api";
import { ADMIN, OTHER_ADMIN, RELEASE_MANAGER, SUPPORT } from "./people";
import type { Person } from "./person";
import { TRAIN, unfold } from "./rollout";
import type { Server } from "./server";

export interface View {
  name: string;
  /** Nobody where the page is for everybody. */
  who?: string;
  path: string;
  /** The status of the page, where it is not 200. */
  status?: number;
  /** What is done before it is looked at. */
  then?: (person: Person) => Promise<void>;
}

/** Lets a rollout begin and looks up what addresses need. The clock stands then, so every page stays as it is. */
export async function views(server: Server): Promise<View[]> {
  const rollout = await eventfulRollout(server, TRAIN);
  const [admin, other, release] = await Promise.all([ADMIN, OTHER_ADMIN, RELEASE_MANAGER].map((email) => Api.of(server, email)));
  if (admin === undefined || other === undefined || release === undefined) throw new Error("somebody is missing");
  const letters = await admin.get<{ rows: { id: string }[] }>("notifications/list");
  const own = await admin.environments();
  const [foreign] = (await other.environments()).values();
  const draft = await draftOf(release);
  await Promise.all([admin.end(), other.end(), release.end()]);
  return [
    { name: "sign in", path: "/login" },
    { name: "sign in, refused", path: "/login?problem=credentials_wrong&email=ada%40contoso.example" },
    { name: "sign in, email missing", path: "/login?problem=email_missing" },
    { name: "notifications", who: ADMIN, path: "/notifications" },
    { name: "notifications, none", who: ADMIN, path: "/notifications?filter=delivered" },
    { name: "notification", who: ADMIN, path: `/notifications/${letters.rows[0]?.id}` },
    { name: "calendar", who: ADMIN, path: "/calendar?month=2026-10" },
    { name: "calendar, list", who: ADMIN, path: "/calendar?month=2026-10&layout=list" },
    { name: "calendar, empty", who: ADMIN, path: "/calendar?month=2031-01" },
    { name: "environments", who: ADMIN, path: "/environments" },
    { name: "environments, none", who: ADMIN, path: "/environments?q=nothing" },
    { name: "environment, sandbox", who: ADMIN, path: `/environments/${own.get("PERF")}` },
    { name: "environment, production", who: ADMIN, path: `/environments/${own.get("PROD")}` },
    {
      name: "environment, refused",
      who: ADMIN,
      path: `/environments/${own.get("UAT")}?form=designation&problem=designation_missing`,
    },
    { name: "another's environment", who: ADMIN, path: `/environments/${foreign}`, status: 404 },
    { name: "not for this role", who: ADMIN, path: "/rollouts", status: 403 },
    { name: "settings", who: ADMIN, path: "/settings" },
    { name: "deployments", who: SUPPORT, path: "/support/deployments" },
    { name: "deployments, none", who: SUPPORT, path: "/support/deployments?q=99.9" },
    { name: "environment, for staff", who: SUPPORT, path: `/support/environments/${own.get("PROD")}` },
    { name: "rollouts", who: RELEASE_MANAGER, path: "/rollouts" },
    { name: "rollout, running", who: RELEASE_MANAGER, path: `/rollouts/${rollout}` },
    {
      name: "rollout, halt form",
      who: RELEASE_MANAGER,
      path: `/rollouts/${rollout}`,
      then: async (person) => {
        await unfold(person, `Halt ${TRAIN}`);
      },
    },
    {
      name: "rollout, halt refused",
      who: RELEASE_MANAGER,
      path: `/rollouts/${rollout}?form=halt&problem=reason_missing&typed_reason=`,
    },
    { name: "emergency path", who: RELEASE_MANAGER, path: `/rollouts/${rollout}/emergency` },
    { name: "ways out of a halt", who: RELEASE_MANAGER, path: `/rollouts/${rollout}/recovery` },
    { name: "flights", who: RELEASE_MANAGER, path: "/flights" },
    { name: "rollout, not started", who: RELEASE_MANAGER, path: `/rollouts/${draft}` },
    { name: "halts", who: RELEASE_MANAGER, path: "/halts" },
    { name: "halts, everything", who: RELEASE_MANAGER, path: "/halts?what=everything" },
    { name: "halts, no such customer", who: RELEASE_MANAGER, path: "/halts?what=customer&customer=nobody.example" },
    { name: "incidents", who: SUPPORT, path: "/incidents" },
    { name: "incidents, refused", who: SUPPORT, path: "/incidents?form=report_incident&problem=finding_missing&typed_severity=low" },
    { name: "freezes", who: RELEASE_MANAGER, path: "/freezes" },
    { name: "freezes, looked at", who: RELEASE_MANAGER, path: "/freezes?scope=global&first=2026-10-01&last=2026-10-31" },
    { name: "freezes, refused", who: RELEASE_MANAGER, path: "/freezes?scope=cloud" },
    { name: "exemptions", who: SUPPORT, path: "/exemptions" },
    {
      name: "environment, planning refused",
      who: ADMIN,
      path: `/environments/${own.get("UAT")}?form=planning&problem=date_passed&typed_date=2026-01-01`,
    },
    { name: "plan", who: RELEASE_MANAGER, path: `/rollouts/${rollout}/plan` },
    { name: "plan, left out", who: RELEASE_MANAGER, path: `/rollouts/${draft}/plan?why=priority_batch_off` },
    {
      name: "plan, percentage refused",
      who: RELEASE_MANAGER,
      path: `/rollouts/${draft}/plan?form=percent&problem=percent_malformed&typed_stage=4-sandbox&typed_percent=250`,
    },
    { name: "nothing here", who: SUPPORT, path: "/no-such-page", status: 404 },
  ];
}

async function draftOf(release: Api): Promise<string> {
  const { rows } = await release.get<{ rows: { id: string; state: string }[] }>("rollouts/list");
  const draft = rows.find((row) => row.state === "Not started");
  if (draft === undefined) throw new Error("every rollout is started");
  return draft.id;
}
