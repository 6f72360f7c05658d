//! `signalbox user`: makes an account, or shuts one. A password is read from the standard input, never from an argument,
//! where other people on the machine could see it. Both work beside a running server, which reads account and session for
//! each request: whoever is shut out is out with the next one.

use super::database::DatabaseArgs;
use super::secret::read_password;
use super::trail::note;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::{CustomerId, UserId};
use domain::number::counted;
use domain::permission::Role;
use serde_json::json;
use services::ports::{Agents, Clock, Ids, OsIds, SystemClock};
use services::trail::Deed;
use services::zone::ZoneClockface;
use services::{Limits, Services, ServicesParts};
use std::process::ExitCode;
use std::sync::Arc;
use store::Db;
use store::user::NewUser;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account. Asks for the password, or reads it from the standard input.
    Add(AddArgs),
    /// Shut an account: nobody signs in with it any more, and whoever is signed in with it is signed out.
    Disable(DisableArgs),
}

#[derive(Debug, Args)]
pub struct DisableArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    email: String,
}

#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[arg(long)]
    email: String,
    /// How the person is called in the pages.
    #[arg(long)]
    name: String,
    #[arg(long, value_parser = role)]
    role: Role,
    /// The customer of a customer's role: its domain or its id.
    #[arg(long)]
    customer: Option<String>,
    /// In which zone times are shown, such as Europe/Berlin.
    #[arg(long, default_value = "UTC")]
    time_zone: String,
}

fn role(key: &str) -> Result<Role, String> {
    Role::from_key(key).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.into_iter().map(Role::key).collect();
        format!("choose one of {}", known.join(", "))
    })
}

pub async fn run(command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add(args) => run_add(args).await,
        UserCommand::Disable(args) => run_disable(args).await,
    }
}

async fn run_disable(args: DisableArgs) -> anyhow::Result<ExitCode> {
    let db = args.database.beside().await?;
    let ended = disable(&db, &args.email).await?;
    println!("disabled {}; {} ended", args.email.trim(), counted(ended, "session", "sessions"));
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Account, sessions and audit event, together or not at all. How many sessions ended.
async fn disable(db: &Db, email: &str) -> anyhow::Result<u64> {
    let tx = db.begin().await?;
    let found = store::user::find_by_email(&tx, email).await.context("the account could not be read")?;
    let user = found.with_context(|| format!("there is no account with the email {}", email.trim()))?.user;
    if user.disabled_at.is_some() {
        bail!("the account {} is disabled already", user.email);
    }
    store::user::set_disabled(&tx, user.id, Some(SystemClock.now())).await.context("the account could not be shut")?;
    let ended = store::session::delete_of_user(&tx, user.id).await.context("its sessions could not be ended")?;
    let deed = Deed {
        action: "user.disabled",
        object_kind: "user",
        object_id: user.id.to_string(),
        customer: user.customer,
        details: json!({ "sessions_ended": ended }),
    };
    note(&tx, deed).await?;
    tx.commit().await?;
    Ok(ended)
}

async fn run_add(args: AddArgs) -> anyhow::Result<ExitCode> {
    let email = args.email.trim().to_lowercase();
    if !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) {
        bail!("`{}` is not an email address", args.email);
    }
    if ZoneClockface::named(&args.time_zone).is_none() {
        bail!("`{}` is not the name of a time zone, such as Europe/Berlin", args.time_zone);
    }
    let db = args.database.beside().await?;
    let customer = customer(&db, &args).await?;
    let password = read_password()?;
    let user = add(&db, &args, &email, customer, &password).await?;
    println!("added {email} as {} ({user})", args.role.word());
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn customer(db: &Db, args: &AddArgs) -> anyhow::Result<Option<CustomerId>> {
    match (&args.customer, args.role.of_customer()) {
        (None, false) => Ok(None),
        (Some(_), false) => bail!("the role {} belongs to no customer; leave --customer out", args.role.key()),
        (None, true) => bail!("the role {} belongs to a customer; name it with --customer", args.role.key()),
        (Some(wanted), true) => {
            let known = store::customer::list(db.reader()).await.context("the customers could not be read")?;
            let found = known.iter().find(|known| known.domain == *wanted || known.id.to_string() == *wanted);
            Ok(Some(found.with_context(|| format!("there is no customer `{wanted}`"))?.id))
        }
    }
}

/// Account and audit event, together or not at all.
async fn add(
    db: &Db,
    args: &AddArgs,
    email: &str,
    customer: Option<CustomerId>,
    password: &str,
) -> anyhow::Result<UserId> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(OsIds::new(clock.clone()));
    let services = Services::new(ServicesParts {
        db: db.clone(),
        clock: clock.clone(),
        machine: clock.clone(),
        ids: ids.clone(),
        deployer: Arc::new(Agents::default()),
        demo: None,
        limits: Limits::default(),
    });
    let password_hash = services.hash_password(password).await.context("the password could not be hashed")?;
    let (id, now) = (UserId::new(ids.uuid()), clock.now());
    let (name, role, time_zone) = (args.name.clone(), args.role, args.time_zone.clone());
    let user = NewUser { id, email: email.to_owned(), name, password_hash, role, customer, time_zone, created_at: now };
    let tx = db.begin().await?;
    match store::user::insert(&tx, &user).await {
        Err(store::Error::Conflict { .. }) => bail!("there is an account with the email {email} already"),
        other => other.context("the account could not be written")?,
    }
    let deed = Deed {
        action: "user.added",
        object_kind: "user",
        object_id: id.to_string(),
        customer,
        details: json!({ "role": role.key() }),
    };
    note(&tx, deed).await?;
    tx.commit().await?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::OpenOptions;
    use store::session::Session;

    async fn a_user(db: &Db) -> UserId {
        let id = UserId::new(uuid::Uuid::from_u128(1));
        let user = NewUser {
            id,
            email: "ada@vendor.example".to_owned(),
            name: "Ada".to_owned(),
            password_hash: "x".to_owned(),
            role: Role::Operator,
            customer: None,
            time_zone: "UTC".to_owned(),
            created_at: SystemClock.now(),
        };
        let now = SystemClock.now();
        let session = Session {
            id_hash: [1; 32],
            user: Some(id),
            data: json!({}),
            created_at: now,
            last_seen_at: now,
            expires_at: now + chrono::TimeDelta::hours(8),
            ip: None,
            user_agent: None,
        };
        let tx = db.begin().await.unwrap();
        store::user::insert(&tx, &user).await.unwrap();
        store::session::create(&tx, &session).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    #[tokio::test]
    async fn a_disabled_account_is_signed_out_of_the_running_server_and_the_trail_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("signalbox.db").display());
        let db = Db::open(&url, &OpenOptions::default()).await.unwrap();
        db.migrate().await.unwrap();
        let id = a_user(&db).await;
        let command = DatabaseArgs { database_url: url }.beside().await.unwrap();
        assert_eq!(disable(&command, " Ada@Vendor.example").await.unwrap(), 1);
        command.close().await.unwrap();
        let session = store::session::load(db.reader(), &[1; 32], SystemClock.now()).await.unwrap();
        assert!(session.is_none());
        assert!(store::user::actor(db.reader(), id).await.unwrap().is_none());
        let event = store::audit::list(db.reader(), None, 1).await.unwrap().rows.remove(0);
        assert_eq!((event.action.as_str(), event.object.id), ("user.disabled", id.to_string()));
        let again = disable(&db, "ada@vendor.example").await.unwrap_err().to_string();
        assert_eq!(again, "the account ada@vendor.example is disabled already");
        let nobody = disable(&db, "bo@vendor.example").await.unwrap_err().to_string();
        assert_eq!(nobody, "there is no account with the email bo@vendor.example");
        db.close().await.unwrap();
    }
}
