//! Reading what the server wrote, in few bytes of Wasm.
//!
//! The stock reader is drawn out for every view in every shape that JSON might give it: fields by name, by number or as a
//! list, with an error text for each. Here the text becomes a tree once, views are read from the tree by name only, and
//! what cannot be read is simply that: the page and its Wasm are of different builds. A quarter of the Wasm was this.

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor, value::StringDeserializer};
use serde_json::{Map, Value};
use std::fmt;

/// Not what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

/// All the same, so that no text is made for any of them.
impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let tree = serde_json::from_str(text).map_err(|_| Unreadable)?;
    T::deserialize(Tree(tree))
}

struct Tree(Value);

impl Tree {
    fn integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => Err(Unreadable),
            },
            _ => Err(Unreadable),
        }
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(Unreadable),
        }
    }

    fn fields<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields(fields.into_iter(), None)),
            _ => Err(Unreadable),
        }
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(Unreadable),
        }
    }
}

macro_rules! read_as {
    ($($method:ident => $how:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.$how(visitor)
        }
    )*};
}

macro_rules! not_in_views {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
            Err(Unreadable)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Tree {
    type Error = Unreadable;

    read_as! {
        deserialize_i8 => integer;
        deserialize_i16 => integer;
        deserialize_i32 => integer;
        deserialize_i64 => integer;
        deserialize_u8 => integer;
        deserialize_u16 => integer;
        deserialize_u32 => integer;
        deserialize_u64 => integer;
        deserialize_str => text;
        deserialize_string => text;
        deserialize_identifier => text;
        deserialize_seq => list;
        deserialize_map => fields;
    }

    not_in_views! {
        deserialize_any
        deserialize_f32
        deserialize_f64
        deserialize_char
        deserialize_bytes
        deserialize_byte_buf
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(value),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.fields(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, holds: Value::Null }),
            Value::Object(fields) => {
                let (name, holds) = fields.into_iter().next().ok_or(Unreadable)?;
                visitor.visit_enum(Variant { name, holds })
            }
            _ => Err(Unreadable),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        self.0.next().map(|item| seed.deserialize(Tree(item))).transpose()
    }
}

struct Fields(<Map<String, Value> as IntoIterator>::IntoIter, Option<Value>);

impl<'de> de::MapAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        let Some((name, value)) = self.0.next() else { return Ok(None) };
        self.1 = Some(value);
        seed.deserialize(Tree(Value::String(name))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        seed.deserialize(Tree(self.1.take().ok_or(Unreadable)?))
    }
}

struct Variant {
    name: String,
    holds: Value,
}

impl<'de> de::EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Tree;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Tree), Unreadable> {
        let name: StringDeserializer<Unreadable> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Tree(self.holds)))
    }
}

impl<'de> de::VariantAccess<'de> for Tree {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        if self.0.is_null() { Ok(()) } else { Err(Unreadable) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        self.fields(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        With { reason: String },
        Wrapped(u8),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Row {
        name: String,
        count: u64,
        generation: i64,
        small: Option<u8>,
        pairs: Vec<(String, String)>,
        kinds: Vec<Kind>,
        yes: bool,
    }

    fn row() -> Row {
        Row {
            name: "10.0.48 \"PQU-7\" ü".into(),
            count: u64::MAX,
            generation: -3,
            small: None,
            pairs: vec![("a".into(), "b".into())],
            kinds: vec![Kind::Plain, Kind::With { reason: "x".into() }, Kind::Wrapped(7)],
            yes: true,
        }
    }

    #[test]
    fn every_shape_of_a_view_comes_back() {
        let text = serde_json::to_string(&row()).unwrap();
        assert_eq!(read::<Row>(&text), Ok(row()));
        assert_eq!(read::<Option<Vec<Row>>>(&format!("[{text}]")), Ok(Some(vec![row()])));
        assert_eq!(read::<Option<Row>>("null"), Ok(None));
    }

    #[test]
    fn a_newer_server_may_say_more_but_not_less() {
        let mut more = serde_json::to_value(row()).unwrap();
        more["unheard_of"] = serde_json::json!({ "deep": [1, 2.5, null] });
        assert_eq!(read::<Row>(&more.to_string()), Ok(row()));
        for gone in ["name", "count", "kinds"] {
            let mut less = serde_json::to_value(row()).unwrap();
            less.as_object_mut().unwrap().remove(gone);
            assert_eq!(read::<Row>(&less.to_string()), Err(Unreadable), "{gone}");
        }
    }

    #[test]
    fn nonsense_is_unreadable() {
        for text in ["", "{", "[]", "7", "{\"name\":7}", "<html>"] {
            assert_eq!(read::<Row>(text), Err(Unreadable), "{text}");
        }
        assert_eq!(read::<Vec<u8>>("[300]"), Err(Unreadable));
        assert_eq!(read::<Kind>("\"unheard_of\""), Err(Unreadable));
    }
}
