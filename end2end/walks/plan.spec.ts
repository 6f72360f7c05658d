// The plan of a rollout before it happens, the ramp, and what an edit does to approvals and to the plan.

import { APPROVER, RELEASE_MANAGER, SUPPORT } from "../support/people";
import { confirm, confirmWithReason, openRollout, state, TRAIN, BUILD } from "../support/rollout";
import { expect, test } from "../support/test";
import type { Person } from "../support/person";

test.use({ serverOf: "plan" });

async function openPlan(person: Person): Promise<void> {
  await openRollout(person);
  await person.follow(person.page.getByRole("link", { name: "Plan", exact: true }));
  await expect(person.heading(`Plan of ${TRAIN}`)).toBeVisible();
}

async function setPercent(person: Person, whom: string, percent: string): Promise<void> {
  const form = person.page.getByRole("region", { name: "How many take part" });
  await form.getByLabel("Station and audience").selectOption({ label: whom });
  await form.getByLabel("Percentage").fill(percent);
  await person.send(form.getByRole("button", { name: "Set the percentage" }));
}

test("planned, ramped, approved, raised, approved again", async ({ as }) => {
  const release = await as(RELEASE_MANAGER);
  const approver = await as(APPROVER);
  const plan = release.page;

  await test.step("who goes when, and who does not", async () => {
    await openPlan(release);
    await expect(plan.getByRole("region", { name: "In short" })).toContainText("Plan 1, worked out");
    await expect(plan.getByRole("table", { name: "Stations and nights" }).locator("tbody tr")).toHaveCount(11);
    const reason = plan.getByRole("table", { name: "Left out" }).getByRole("link").first();
    await release.follow(reason);
    await expect(plan).toHaveURL(/[?&]why=/);
    await expect(plan.getByRole("table", { name: "Environments left out" }).locator("tbody tr").first()).toBeVisible();
  });

  await test.step("a percentage that is none is refused beside its field", async () => {
    await openPlan(release);
    await setPercent(release, "Station 4 · Sandbox", "250");
    await release.refused("field-input-percent", "Enter a whole number from 0 to 100.");
  });

  await test.step("a smaller share changes the plan", async () => {
    await openPlan(release);
    await setPercent(release, "Station 4 · Sandbox", "10");
    await release.told(/10 % of Station 4 · Sandbox take part|The percentage is set/);
    const changes = plan.getByRole("region", { name: "What changed" });
    await expect(changes).toContainText("Since plan 1: the rollout was edited by R. Iyer");
    await expect(changes.getByRole("row", { name: /Station 4 · Sandbox, percentage/ })).toContainText("10 %");
  });

  await test.step("a raise voids the approval, and the page says so", async () => {
    await openRollout(release);
    await confirm(release, `Start ${TRAIN}`);
    await openRollout(approver);
    await confirm(approver, "Approve station 4");
    await openPlan(release);
    await setPercent(release, "Station 4 · Sandbox", "5");
    await release.refused("field-input-percent", "While the rollout runs a percentage can only be raised. To stop more from starting, halt it.");
    await openPlan(release);
    await setPercent(release, "Station 4 · Sandbox", "25");
    await openRollout(approver);
    const approvals = approver.page.getByRole("region", { name: "Approvals" });
    await expect(approvals).toContainText("The approval by N. Okafor was voided by an edit on");
    await expect(approvals).toContainText("by R. Iyer");
    await confirm(approver, "Approve station 4");
    await expect(approvals).toContainText("approved by N. Okafor");
  });

  await test.step("a withdrawn build is offered to nobody until it is approved again", async () => {
    await openRollout(approver);
    await confirmWithReason(approver, `Withdraw build ${BUILD}`, "signed with the wrong key");
    await expect(approver.page.getByRole("alert").filter({ hasText: "The build is not offered" })).toContainText(
      "The build is withdrawn by N. Okafor: signed with the wrong key",
    );
    await confirm(approver, `Approve build ${BUILD}`);
    await expect(approver.page.getByRole("alert").filter({ hasText: "The build is not offered" })).toHaveCount(0);
    await expect(state(approver)).toHaveText("Running");
  });
});

test("support reads the plan and sets nothing", async ({ as, api }) => {
  const support = await as(SUPPORT);
  await openPlan(support);
  await expect(support.page.locator("main form[method=post]")).toHaveCount(0);
  const calls = await api(SUPPORT);
  const { id } = await calls.rollout(TRAIN);
  const form = { "input[rollout]": id, "input[stage]": "4-sandbox", "input[percent]": "50" };
  expect(await calls.tries("rollouts/plan/percent", form)).toBe(403);
});
