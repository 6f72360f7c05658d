// The kill switch and the halt of a station, while the clock stands: whom it touches is said before, it is confirmed, said
// on every page while it holds, and lifted by who may.

import { startRollout, until } from "../support/api";
import { ADMIN, INCIDENT_LEAD, OPERATOR, RELEASE_MANAGER, SUPPORT } from "../support/people";
import type { Person } from "../support/person";
import { openRollout, TRAIN } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "halts" });

const banner = (person: Person) => person.page.getByRole("alert").filter({ hasText: "All updates are halted" });

async function look(person: Person, what: string): Promise<void> {
  const form = person.page.getByRole("form", { name: "What to halt" });
  await form.getByLabel("Halt", { exact: true }).selectOption({ label: what });
  await person.loads(() => form.getByRole("button", { name: "Show what it stops" }).click());
}

test("everything is halted by the incident lead and lifted by the operator", async ({ server, as, api }) => {
  const calls = await api(INCIDENT_LEAD);
  if ((await calls.rollout(TRAIN)).state === "Not started") await startRollout(server, TRAIN);
  await until("everybody is aboard", 30_000, () => calls.rollout(TRAIN), ({ counts }) => counts.total > 500);
  const lead = await as(INCIDENT_LEAD);

  await test.step("it says whom it stops", async () => {
    await lead.open("/halts");
    await expect(lead.page.getByText("Nothing is halted")).toBeVisible();
    await look(lead, "Everything");
    await expect(lead.page).toHaveURL(/[?&]what=everything/);
    await expect(lead.page.getByRole("region", { name: "Is this what you want to halt?" })).toContainText(/It stops \d[\d,]* environments of \d rollouts?\./);
  });

  await test.step("nothing happens without box and reason", async () => {
    await lead.send(lead.page.getByRole("button", { name: "Halt it now" }));
    await lead.refused("field-input-confirmed-place-halt", "Tick the box to confirm.");
    await lead.page.getByRole("checkbox", { name: "Yes, halt: Everything" }).check();
    await lead.send(lead.page.getByRole("button", { name: "Halt it now" }));
    await lead.refused("field-input-reason", "Say why. The reason is shown to everybody concerned and kept in the audit trail.");
    await expect(banner(lead)).toHaveCount(0);
  });

  await test.step("it is halted, and every page says so", async () => {
    await lead.page.getByRole("checkbox", { name: "Yes, halt: Everything" }).check();
    await lead.page.getByLabel("Reason").fill("the network is down");
    await lead.send(lead.page.getByRole("button", { name: "Halt it now" }));
    await lead.told(/halted\. Nothing new starts/);
    for (const path of ["/halts", "/rollouts", "/settings"]) {
      await lead.open(path);
      await expect(banner(lead)).toContainText("the network is down");
    }
    await lead.open("/halts");
    await expect(lead.page.getByRole("link", { name: "Lift Everything" })).toHaveCount(0);
    const ada = await as(ADMIN);
    await ada.open("/environments");
    await expect(banner(ada)).toContainText("of yours wait until this is lifted");
  });

  await test.step("the operator lifts it and says why", async () => {
    const operator = await as(OPERATOR);
    await operator.open("/halts");
    await operator.follow(operator.page.getByRole("link", { name: "Lift Everything" }));
    await operator.page.getByRole("checkbox", { name: "Yes, lift this halt" }).check();
    await operator.page.getByLabel("Reason").fill("the network is back");
    await operator.send(operator.page.getByRole("button", { name: "Lift the halt" }));
    await operator.told(/lifted/);
    await expect(operator.page.getByRole("table", { name: "Halts that were lifted" })).toContainText("the network is back");
    await lead.reload();
    await expect(banner(lead)).toHaveCount(0);
  });
});

test("a station is halted from the page of its rollout", async ({ as }) => {
  const release = await as(RELEASE_MANAGER);
  await openRollout(release);
  await release.follow(release.page.getByRole("link", { name: "Halt station 5…" }));
  await expect(release.heading("Halts")).toBeVisible();
  await release.page.getByRole("checkbox", { name: /^Yes, halt: Station 5/ }).check();
  await release.page.getByLabel("Reason").fill("a region is down");
  await release.send(release.page.getByRole("button", { name: "Halt it now" }));
  await release.told(/halted\. Nothing new starts/);
  await openRollout(release);
  await release.follow(release.page.getByRole("link", { name: "Lift the halt of station 5" }));
  await release.page.getByRole("checkbox", { name: "Yes, lift this halt" }).check();
  await release.page.getByLabel("Reason").fill("it is back");
  await release.send(release.page.getByRole("button", { name: "Lift the halt" }));
  await release.told(/lifted/);
});

test("a lift that somebody else was faster with says so, whether its form is still there or not", async ({ as, api, javaScriptEnabled }) => {
  const release = await as(RELEASE_MANAGER);
  await openRollout(release);
  await release.follow(release.page.getByRole("link", { name: "Halt station 6…" }));
  await release.page.getByRole("checkbox", { name: /^Yes, halt: Station 6/ }).check();
  await release.page.getByLabel("Reason").fill("a region is down");
  await release.send(release.page.getByRole("button", { name: "Halt it now" }));
  await release.told(/halted\. Nothing new starts/);
  await release.open("/halts");
  await release.follow(release.page.getByRole("link", { name: /^Lift .*[Ss]tation 6/ }));
  const halt = new URL(release.page.url()).searchParams.get("lift") ?? "";
  await release.page.getByRole("checkbox", { name: "Yes, lift this halt" }).check();
  await release.page.getByLabel("Reason").fill("it is back");

  const calls = await api(RELEASE_MANAGER);
  await calls.post("halts/lift", { "input[halt]": halt, "input[reason]": "it is back", "input[confirmed]": "yes" });
  await release.send(release.page.getByRole("button", { name: "Lift the halt" }));
  const said = release.page.getByRole("alert").filter({ hasText: "This halt is lifted already. Nothing was changed." });
  await expect(said).toHaveCount(1);
  await expect(said).toBeVisible();
  if (javaScriptEnabled) {
    // The page is asked again: the form goes, and what it said stays and is read on.
    await (await api(OPERATOR)).post("demo/speed", { "input[speed]": "stopped" });
    await expect(release.page.getByRole("button", { name: "Lift the halt" })).toHaveCount(0);
    await expect(said).toHaveCount(1);
    await expect(said.locator("xpath=parent::*")).toBeFocused();
  } else {
    await expect(release.page.getByRole("button", { name: "Lift the halt" })).toHaveCount(0);
  }
  await release.open("/settings");
  await expect(said).toHaveCount(0);
});

test("support looks and may halt nothing", async ({ as, api }) => {
  const support = await as(SUPPORT);
  await support.open("/halts");
  await expect(support.page.locator("main form")).toHaveCount(0);
  const calls = await api(SUPPORT);
  const form = { "input[what]": "everything", "input[reason]": "x", "input[confirmed]": "yes" };
  expect(await calls.tries("halts/place", form)).toBe(403);
  expect(await calls.tries("halts/lift", form)).toBe(403);
});
