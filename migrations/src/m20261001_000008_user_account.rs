//! People who sign in, and the throttle of failed attempts.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            Table::create()
                .table("user_account")
                .col(pk_uuid("id"))
                .col(text("email"))
                .col(text("name"))
                .col(text("password_hash"))
                .col(text("role"))
                .col(uuid_null("customer_id"))
                .col(text("time_zone"))
                .col(big_integer_null("disabled_ms"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("user_account", "customer_id", "customer"))
                .check(check("user_account_email", "email = lower(email)"))
                .check(check(
                    "user_account_role",
                    "(role in ('customer_admin', 'customer_viewer') and customer_id is not null) \
                     or (role in ('support', 'incident_lead', 'release_manager', 'approver', 'operator') \
                     and customer_id is null)",
                )),
            vec![unique_on("user_account", &["email"]), index_on("user_account", &["customer_id"])],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("sign_in_throttle")
                .col(binary("key_hash").primary_key())
                .col(integer("failures"))
                .col(big_integer("window_start_ms"))
                .col(big_integer_null("blocked_until_ms")),
            vec![index_on("sign_in_throttle", &["window_start_ms"])],
        )
        .await
    }
}
