//! F11 (mail), F12 (webhooks): the product sends neither yet. Whoever builds them adds their simulated counterparts here,
//! and their families to `options`. F10 is in `telemetry`.
