//! F10 (partial, silent, contradictory telemetry), F11 (mail), F12 (webhooks): the product has no telemetry, no mail and
//! no webhooks yet. Whoever builds them adds their simulated counterparts here, and their families to `options`.
