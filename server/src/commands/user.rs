//! `signalbox user add`: makes an account. The password is read from the standard input, never from an argument, where
//! other people on the machine could see it.

use super::database::DatabaseArgs;
use super::secret::read_password;
use super::trail::note;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::{CustomerId, UserId};
use domain::permission::Role;
use serde_json::json;
use services::ports::{Clock, Ids, NoDeployer, OsIds, SystemClock};
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
    let UserCommand::Add(args) = command;
    let email = args.email.trim().to_lowercase();
    if !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) {
        bail!("`{}` is not an email address", args.email);
    }
    if ZoneClockface::named(&args.time_zone).is_none() {
        bail!("`{}` is not the name of a time zone, such as Europe/Berlin", args.time_zone);
    }
    let db = args.database.open_current().await?;
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
        ids: ids.clone(),
        deployer: Arc::new(NoDeployer),
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
