//! `signalbox token`: makes the tokens that programs ask with, lists and revokes them. A token is printed once and kept
//! as a hash. All work beside a running server, which reads the token for each request.

use super::database::DatabaseArgs;
use super::trail::note;
use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use domain::ids::{CustomerId, EnvironmentId, TokenId};
use domain::permission::TenantScope;
use domain::token::{Caller, TokenKind, TokenReach};
use serde_json::json;
use services::ports::{Clock, Ids, OsIds, SystemClock};
use services::token;
use services::trail::Deed;
use std::process::ExitCode;
use std::sync::Arc;
use store::Db;
use store::token::{NewToken, Token};

const NAME_CHARS_MAX: usize = 80;

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, once, on the standard output.
    Add(AddArgs),
    /// List all tokens: name, kind, whom they reach, last use, expiry.
    List(DatabaseArgs),
    /// Revoke a token: nobody asks with it any more, from the next request on.
    Revoke(RevokeArgs),
}

#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// How the token is called in the audit trail.
    #[arg(long)]
    name: String,
    /// `agent` for environments' agents and pipelines, `listening-system` for signals and incidents.
    #[arg(long, value_parser = kind)]
    kind: TokenKind,
    /// An environment that an agent's token reaches. Can be repeated; all of one customer.
    #[arg(long)]
    environment: Vec<EnvironmentId>,
    /// The customer all of whose environments an agent's token reaches: its domain or its id.
    #[arg(long, conflicts_with = "environment")]
    customer: Option<String>,
    /// Days until it expires.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=730))]
    expires_days: u16,
}

#[derive(Debug, Args)]
pub struct RevokeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    name: String,
}

fn kind(key: &str) -> Result<TokenKind, String> {
    TokenKind::from_key(key).ok_or_else(|| {
        let known: Vec<&str> = TokenKind::ALL.into_iter().map(TokenKind::key).collect();
        format!("choose one of {}", known.join(", "))
    })
}

pub async fn run(command: TokenCommand) -> anyhow::Result<ExitCode> {
    match command {
        TokenCommand::Add(args) => {
            let db = args.database.beside().await?;
            let (text, id) = add(&db, &args).await?;
            db.close().await?;
            eprintln!("added {} ({id}); this is the only time that the token is shown", args.name.trim());
            println!("{text}");
        }
        TokenCommand::List(database) => {
            let db = database.look().await?;
            let tokens = store::token::list(db.reader()).await.context("the tokens could not be read")?;
            db.close().await?;
            let now = SystemClock.now();
            super::output::print(&tokens.iter().map(|token| line(token, now)).collect::<String>())?;
        }
        TokenCommand::Revoke(args) => {
            let db = args.database.beside().await?;
            revoke(&db, args.name.trim()).await?;
            db.close().await?;
            println!("revoked {}", args.name.trim());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Token and audit event, together or not at all.
async fn add(db: &Db, args: &AddArgs) -> anyhow::Result<(String, TokenId)> {
    let name = args.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        bail!("a token has a name of 1 to {NAME_CHARS_MAX} characters");
    }
    let (reach, theirs) = reach(db, args).await?;
    let ids = OsIds::new(Arc::new(SystemClock));
    let (text, hash) = token::make(&ids);
    let now = SystemClock.now();
    let caller = Caller { token: TokenId::new(ids.uuid()), name: name.to_owned(), kind: args.kind, reach };
    let expires_at = now + TimeDelta::days(args.expires_days.into());
    let new = NewToken { caller, hash, created_at: now, expires_at };
    let tx = db.begin().await?;
    match store::token::insert(&tx, &new, theirs).await {
        Err(store::Error::Conflict { .. }) => bail!("there is a token named `{name}` already; a name is used once"),
        other => other.context("the token could not be written")?,
    }
    let details = json!({ "name": name, "kind": args.kind.key(), "reach": new.caller.reach, "expires": expires_at });
    note(&tx, deed("token.added", new.caller.token, theirs, details)).await?;
    tx.commit().await?;
    Ok((text, new.caller.token))
}

fn deed(action: &'static str, id: TokenId, customer: Option<CustomerId>, details: serde_json::Value) -> Deed {
    Deed { action, object_kind: "token", object_id: id.to_string(), customer, details }
}

/// Whom it reaches, and the customer that this belongs to.
async fn reach(db: &Db, args: &AddArgs) -> anyhow::Result<(TokenReach, Option<CustomerId>)> {
    match (args.kind, args.environment.as_slice(), &args.customer) {
        (TokenKind::ListeningSystem, [], None) => Ok((TokenReach::Signals, None)),
        (TokenKind::ListeningSystem, _, _) => {
            bail!("a listening system speaks of builds and regions; leave --environment and --customer out")
        }
        (TokenKind::Agent, [], None) => bail!("name whom the token reaches, with --environment or --customer"),
        (TokenKind::Agent, _, Some(wanted)) => {
            let known = store::customer::list(db.reader()).await.context("the customers could not be read")?;
            let found = known.iter().find(|known| known.domain == *wanted || known.id.to_string() == *wanted);
            let customer = found.with_context(|| format!("there is no customer `{wanted}`"))?.id;
            Ok((TokenReach::Customer { customer }, Some(customer)))
        }
        (TokenKind::Agent, named, None) => {
            let mut theirs = None;
            for id in named {
                let found = store::environment::find(db.reader(), TenantScope::AllCustomers, *id).await;
                let found = found.context("the environments could not be read")?;
                let customer = found.with_context(|| format!("there is no environment {id}"))?.customer;
                if *theirs.get_or_insert(customer) != customer {
                    bail!("{id} belongs to another customer than {}; a token is of one customer", named[0]);
                }
            }
            Ok((TokenReach::Environments { environments: named.to_vec() }, theirs))
        }
    }
}

async fn revoke(db: &Db, name: &str) -> anyhow::Result<()> {
    let tx = db.begin().await?;
    let found = store::token::find_by_name(&tx, name).await.context("the token could not be read")?;
    let token = found.with_context(|| format!("there is no token named `{name}`"))?;
    match store::token::revoke(&tx, token.caller.token, SystemClock.now()).await {
        Err(store::Error::Conflict { .. }) => bail!("the token `{name}` is revoked already"),
        other => other.context("the token could not be revoked")?,
    }
    let customer = match token.caller.reach {
        TokenReach::Customer { customer } => Some(customer),
        TokenReach::Environments { .. } | TokenReach::Signals => None,
    };
    note(&tx, deed("token.revoked", token.caller.token, customer, json!({ "name": name }))).await?;
    tx.commit().await?;
    Ok(())
}

/// `edge-1  agent  2 environments  last used 2026-10-09 22:30  expires 2027-10-09`
fn line(token: &Token, now: DateTime<Utc>) -> String {
    let Caller { name, kind, reach, .. } = &token.caller;
    let reach = match reach {
        TokenReach::Environments { environments } => match environments.as_slice() {
            [only] => only.to_string(),
            several => format!("{} environments", several.len()),
        },
        TokenReach::Customer { customer } => format!("all of {customer}"),
        TokenReach::Signals => "signals and incidents".to_owned(),
    };
    let used = token.last_used_at.map_or("never used".to_owned(), |at| format!("last used {}", minute(at)));
    let end = match token.revoked_at {
        Some(at) => format!("revoked {}", minute(at)),
        None if token.expires_at <= now => format!("expired {}", minute(token.expires_at)),
        None => format!("expires {}", minute(token.expires_at)),
    };
    format!("{name}  {}  {reach}  {used}  {end}\n", kind.key())
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use services::Services;
    use services::testing::World;

    fn args(name: &str, environment: Vec<EnvironmentId>, customer: Option<&str>) -> AddArgs {
        AddArgs {
            database: DatabaseArgs { database_url: String::new() },
            name: name.to_owned(),
            kind: TokenKind::Agent,
            environment,
            customer: customer.map(str::to_owned),
            expires_days: 30,
        }
    }

    async fn caller(services: &Services, text: &str, days: i64) -> Option<Caller> {
        services.caller(text, SystemClock.now() + TimeDelta::days(days)).await.unwrap()
    }

    #[tokio::test]
    async fn a_token_opens_until_it_expires_or_is_revoked_and_is_kept_as_a_hash() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path()).await.unwrap();
        let (db, services) = (world.services.db().clone(), world.services.clone());
        let (text, id) = add(&db, &args("edge", Vec::new(), Some("contoso.example"))).await.unwrap();
        assert_eq!(text.len(), "signalbox_".len() + 43, "256 bits");
        let found = caller(&services, &text, 0).await.unwrap();
        assert_eq!((found.token, found.reach), (id, TokenReach::Customer { customer: world.contoso }));
        assert!(store::token::list(db.reader()).await.unwrap()[0].last_used_at.is_some());
        assert_eq!(caller(&services, &text, 31).await, None, "expired");
        assert_eq!(caller(&services, &text.replace("signalbox_", ""), 0).await, None);
        let again = add(&db, &args("edge", Vec::new(), Some("contoso.example"))).await.unwrap_err();
        assert!(again.to_string().contains("already"), "{again}");
        revoke(&db, "edge").await.unwrap();
        assert_eq!(caller(&services, &text, 0).await, None, "revoked");
        assert!(revoke(&db, "edge").await.unwrap_err().to_string().contains("already"));
        let events = store::audit::list(db.reader(), None, 2).await.unwrap().rows;
        let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["token.revoked", "token.added"]);
        assert!(!serde_json::to_string(&events[1].details).unwrap().contains(&text[10..]));
    }

    #[tokio::test]
    async fn a_token_is_of_one_customer_and_reaches_what_exists() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path()).await.unwrap();
        let db = world.services.db().clone();
        let (dev, foreign) = (world.environment_id(world.contoso, "DEV"), world.environment_id(world.fabrikam, "UAT"));
        for (environments, customer, expected) in [
            (vec![], None, "name whom the token reaches"),
            (vec![dev, foreign], None, "a token is of one customer"),
            (vec![EnvironmentId::new(uuid::Uuid::from_u128(1))], None, "there is no environment"),
            (vec![], Some("nobody.example"), "there is no customer"),
        ] {
            let refused = add(&db, &args("edge", environments, customer)).await.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        assert!(add(&db, &args("edge", vec![dev], None)).await.is_ok());
    }
}
