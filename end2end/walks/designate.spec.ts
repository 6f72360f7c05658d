import { ADMIN, VIEWER } from "../support/people";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

test.use({ serverOf: "designate" });

const WITH_PRODUCTION = /^With production/;
const SAVE = "Save designation";

async function openEnvironment(person: Person, name: string): Promise<void> {
  await person.open("/environments");
  await person.follow(person.page.getByRole("link", { name, exact: true }));
  await expect(person.heading(name)).toBeVisible();
}

async function choose(person: Person, choice: RegExp): Promise<void> {
  await person.page.getByRole("radio", { name: choice }).check();
  await person.send(person.page.getByRole("button", { name: SAVE }));
}

test("an admin designates a sandbox: the effect is said before, saved, and still there later", async ({ as }) => {
  const ada = await as(ADMIN);
  await openEnvironment(ada, "DEV");
  const effect = "From the next train on, DEV is updated with PROD.";
  await expect(ada.page.getByRole("radio", { name: /^With the other sandboxes/ })).toBeChecked();
  await expect(ada.page.getByRole("radio", { name: WITH_PRODUCTION })).toHaveAccessibleName(new RegExp(effect));

  await choose(ada, WITH_PRODUCTION);
  await ada.told(/From the next train on, DEV is updated with PROD\.|The designation is saved\./);

  await ada.reload();
  await expect(ada.page.getByRole("radio", { name: WITH_PRODUCTION })).toBeChecked();
  await expect(ada.page.getByText("Updated with PROD", { exact: true })).toBeVisible();
  await ada.open("/environments");
  await expect(ada.page.getByRole("row", { name: /^DEV/ })).toContainText("With PROD");
});

test("choosing nothing is refused beside the choice", async ({ as }) => {
  const ada = await as(ADMIN);
  await openEnvironment(ada, "UAT");
  // A radio cannot be unchosen by hand; an extension or a script can.
  await ada.page.evaluate(() => document.querySelectorAll<HTMLInputElement>("input[type=radio]").forEach((radio) => (radio.checked = false)));
  await ada.send(ada.page.getByRole("button", { name: SAVE }));
  await ada.refused("field-input-designation", "Choose with whom this sandbox is updated.");

  await choose(ada, /^Early/);
  await ada.told(/UAT is updated first of all, at station 1|The designation is saved/);
  await expect(ada.page.getByText("Please look at this again")).toHaveCount(0);
});

test("the last sandbox in front of production stays there", async ({ as, javaScriptEnabled }) => {
  const [ada, colleague] = [await as(ADMIN), await as(ADMIN)];
  await openEnvironment(ada, "PERF");
  await expect(ada.page.getByRole("radio", { name: WITH_PRODUCTION })).toBeEnabled();

  for (const name of ["UAT", "DEV", "TEST"]) {
    await openEnvironment(colleague, name);
    await choose(colleague, WITH_PRODUCTION);
    await expect(colleague.page.locator(".notice")).toBeVisible();
  }

  if (javaScriptEnabled) {
    // The open page hears of it, says why, and does not offer what would be refused.
    const choice = ada.page.getByRole("radio", { name: WITH_PRODUCTION });
    await expect(choice).toBeDisabled();
    await expect(choice).toHaveAccessibleName(/This would leave no sandbox in the usual order or early/);
  } else {
    await choose(ada, WITH_PRODUCTION);
    await ada.refused(
      "field-input-designation",
      "At least one sandbox has to be updated before production. Designate another one first.",
    );
    await expect(ada.page.getByRole("radio", { name: WITH_PRODUCTION })).toBeChecked();
  }
});

test("a viewer sees how it is and cannot change it", async ({ as, api }) => {
  const jonas = await as(VIEWER);
  await openEnvironment(jonas, "GOLD");
  await expect(jonas.page.getByText("Updated with PROD", { exact: true })).toBeVisible();
  await expect(jonas.page.getByRole("button", { name: SAVE })).toHaveCount(0);

  const calls = await api(VIEWER);
  const gold = (await calls.environments()).get("GOLD") ?? "";
  const form = { "input[environment]": gold, "input[designation]": "early", "input[generation]": "1" };
  expect(await calls.tries("environments/designate", form)).toBe(403);
});

test("production goes early in its station or in the usual order, and follows nobody", async ({ as }) => {
  const ada = await as(ADMIN);
  await openEnvironment(ada, "PROD");
  const choices = ada.page.getByRole("group", { name: "When is this production updated?" }).getByRole("radio");
  await expect(choices).toHaveCount(2);
  await expect(choices.first()).toBeChecked();
  await choose(ada, /^Early, first in its station/);
  await ada.told(/PROD is updated first in its station|The designation is saved/);
  await ada.reload();
  await expect(ada.page.getByRole("radio", { name: /^Early, first in its station/ })).toBeChecked();
});
