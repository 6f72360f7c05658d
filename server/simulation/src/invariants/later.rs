//! I17 (no more than a share of a region is unhealthy because of us before the halt) needs a policy that promises a bound;
//! I18 (the emergency path keeps its gates) needs the emergency path. Neither exists yet; their checks belong here.
