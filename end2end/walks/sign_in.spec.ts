import { OPERATOR, PASSWORD, RELEASE_MANAGER, SUPPORT, VIEWER } from "../support/people";
import { expect, test } from "../support/test";

test.use({ serverOf: "sign in" });

const WRONG = "Email or password is not right. After five wrong tries signing in waits, longer with each further one.";

test("each role begins where its work is", async ({ visitor }) => {
  for (const [email, home] of [
    [VIEWER, "/notifications"],
    [SUPPORT, "/support/deployments"],
    [RELEASE_MANAGER, "/rollouts"],
  ] as const) {
    const person = await visitor();
    await person.open("/login");
    await person.signIn(email);
    await expect(person.page).toHaveURL(home);
    await expect(person.page.getByRole("heading", { level: 1 })).toBeVisible();
  }
});

test("a wrong password and an unknown account are answered alike, and the address stays typed", async ({ visitor }) => {
  for (const email of ["admin@contoso.example", "nobody@contoso.example"]) {
    const person = await visitor();
    await person.open("/login");
    await person.signIn(email, "not this one");
    await expect(person.page).toHaveURL(/\/login\?/);
    await expect(person.page.getByRole("alert")).toContainText(WRONG);
    await expect(person.page.getByLabel("Email", { exact: true })).toHaveValue(email);
    await expect(person.page.getByLabel("Password", { exact: true })).toHaveValue("");
    expect(person.page.url()).not.toContain("not");
    expect(person.page.url(), "may be a password in the wrong field").not.toContain("contoso");
    expect(await person.page.context().cookies(), "shown once").toEqual([]);
  }
});

test("what is missing is said beside its field", async ({ visitor }) => {
  const person = await visitor();
  await person.open("/login");
  await person.signIn("", PASSWORD);
  await person.refused("field-email", "Enter your email address.");
  await person.signIn("ada", PASSWORD);
  await person.refused("field-email", "Enter an email address such as ada@contoso.example.");
  await expect(person.page.getByLabel("Email", { exact: true })).toHaveValue("ada");
  await expect(person.page, "nothing that was typed").toHaveURL(/\/login\?problem=email_malformed(#field-email)?$/);
  await person.signIn("ada+test%41@contoso.example", "");
  await person.refused("field-password", "Enter your password.");
  await expect(person.page.getByLabel("Email", { exact: true })).toHaveValue("ada+test%41@contoso.example");
});

test("after five wrong tries the account waits, even with the right password", async ({ visitor }) => {
  const person = await visitor();
  await person.open("/login");
  for (let tries = 0; tries < 5; tries++) {
    await person.signIn(OPERATOR, "not this one");
    await expect(person.page.getByRole("alert")).toContainText(WRONG);
  }
  await person.signIn(OPERATOR);
  await expect(person.page.getByRole("alert")).toContainText("Too many wrong tries. Wait a while: each further wrong try doubles the wait.");
  await expect(person.page.getByLabel("Email", { exact: true })).toHaveValue(OPERATOR);
});

test("a link from elsewhere leads to its page after signing in", async ({ visitor }) => {
  const person = await visitor();
  await person.open("/support/deployments?q=10.0.2645.136&kind=sandbox");
  await expect(person.page).toHaveURL(/\/login\?next=/);
  // A mistake in between does not lose the way.
  await person.signIn(SUPPORT, "not this one");
  await person.signIn(SUPPORT);
  await expect(person.page).toHaveURL("/support/deployments?q=10.0.2645.136&kind=sandbox");
  await expect(person.heading("Deployments")).toBeVisible();
});

test("a link to another site is not followed", async ({ visitor }) => {
  const person = await visitor();
  await person.open("/login?next=%2F%2Fevil.example%2F");
  await person.signIn(SUPPORT);
  await expect(person.page).toHaveURL("/support/deployments");
});

test("who signs out is out, also on the way back", async ({ visitor }) => {
  const person = await visitor();
  await person.open("/login");
  await person.signIn(VIEWER);
  await person.loads(() => person.page.getByRole("button", { name: "Sign out" }).click());
  await expect(person.page).toHaveURL("/login");
  await person.page.goBack();
  await expect(person.page).toHaveURL(/\/login/);
  await person.open("/environments");
  await expect(person.page).toHaveURL(/\/login\?next=%2Fenvironments/);
});

test("signing out elsewhere ends the other sessions and keeps this one", async ({ visitor }) => {
  const [here, there] = [await visitor(), await visitor()];
  for (const person of [here, there]) {
    await person.open("/login");
    await person.signIn(RELEASE_MANAGER);
  }
  await here.open("/settings");
  await expect(here.page.getByRole("table", { name: "Your sessions" })).toContainText("This one");
  await here.loads(() => here.page.getByRole("button", { name: "Sign out everywhere else" }).click());
  await here.told("You are signed out everywhere else.");
  await expect(here.page.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);

  await there.open("/rollouts");
  await expect(there.page).toHaveURL(/\/login\?next=%2Frollouts/);
  await here.open("/rollouts");
  await expect(here.heading("Rollouts")).toBeVisible();
});
