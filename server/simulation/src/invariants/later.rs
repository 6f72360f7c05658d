//! I18 (the emergency path keeps its gates): nobody of this world asks for one yet, so what proves it are the properties of
//! `domain::emergency`. Whoever simulates emergencies checks them here.
