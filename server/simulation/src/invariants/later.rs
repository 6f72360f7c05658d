//! I18 (the emergency path keeps its gates) needs the emergency path in the engine. Its check belongs here.
