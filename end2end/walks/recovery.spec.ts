// Ways out of a halt: whom it concerns, which way is open, one of them proposed, approved by somebody else, started; and
// the flights that a fallback turns.

import { startRollout } from "../support/api";
import { APPROVER, RELEASE_MANAGER, SUPPORT } from "../support/people";
import { TRAIN, confirmWithReason, openRollout, state, unfold } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "recovery" });

test("a halted build falls back by flight, and the halt stays", async ({ server, as, api }) => {
  await startRollout(server, TRAIN);
  const release = await as(RELEASE_MANAGER);
  await openRollout(release);
  await confirmWithReason(release, `Halt ${TRAIN}`, "posting fails");
  await expect(state(release)).toHaveText("Halted");

  await test.step("the menu says whom it concerns and what closes a way", async () => {
    await release.follow(release.page.getByRole("link", { name: "Ways out of the halt" }));
    await expect(release.heading(`Recovery of ${TRAIN}`)).toBeVisible();
    await expect(release.page.getByRole("region", { name: "Whom it concerns" })).toContainText("waiting");
    for (const way of ["fall_back_by_flight", "roll_forward", "roll_back", "redeploy_last_known_good"]) {
      await expect(release.page.locator(`input[type=radio][value=${way}]`)).toHaveCount(1);
    }
  });

  await test.step("a fallback is proposed with a reason", async () => {
    const ways = release.page.getByRole("region", { name: "Ways out" });
    await ways.getByRole("radio", { name: /Fall back by flight/ }).check();
    await ways.getByLabel("Reason").fill("posting fails in two regions");
    await release.send(ways.getByRole("button", { name: "Propose this way" }));
    await release.refused("field-input-confirmed-recovery-propose", "Tick the box to confirm.");
    await expect(ways.getByLabel("Reason")).toHaveValue("posting fails in two regions");
    await ways.getByRole("radio", { name: /Fall back by flight/ }).check();
    await ways.getByRole("checkbox").check();
    await release.send(ways.getByRole("button", { name: "Propose this way" }));
    await expect(release.page.getByText("You proposed it; somebody else approves")).toBeVisible();
  });

  await test.step("somebody else approves, then it is started", async () => {
    const { id } = await (await api(APPROVER)).rollout(TRAIN);
    const approver = await as(APPROVER);
    await approver.open(`/rollouts/${id}/recovery`);
    const form = await unfold(approver, "Approve it…");
    await form.getByRole("checkbox").check();
    await approver.send(form.getByRole("button", { name: "Approve the recovery" }));
    await expect(approver.page.getByText("Approved, approved by N. Okafor")).toBeVisible();
    await release.open(`/rollouts/${id}/recovery`);
    const start = await unfold(release, "Start: Fall back by flight");
    await start.getByRole("checkbox").check();
    await release.send(start.getByRole("button", { name: "Start: Fall back by flight" }));
    await expect(release.page.getByText("Completed, approved by N. Okafor")).toBeVisible();
    await expect(release.page.getByRole("alert").filter({ hasText: "Halted: nothing new starts" })).toBeVisible();
  });

  await test.step("the flights are off, and one is turned on again for one customer", async () => {
    await release.open("/flights");
    const row = release.page.getByRole("row", { name: /posting-in-parallel/ });
    await expect(row).toContainText("Off");
    await release.follow(row.getByRole("link", { name: "posting-in-parallel" }));
    const panel = release.page.getByRole("region", { name: "Turn posting-in-parallel" });
    await panel.getByLabel("For one customer only").fill("Nobody at all");
    await panel.getByLabel("Reason").fill("they test the fix");
    await panel.getByRole("checkbox").check();
    await release.send(panel.getByRole("button", { name: "Turn posting-in-parallel" }));
    await release.refused("field-input-customer", "No customer has this name. Leave it empty for everybody.");
    await expect(panel.getByLabel("Reason")).toHaveValue("they test the fix");
  });

  await test.step("support looks and may do nothing", async () => {
    const support = await as(SUPPORT);
    await support.open("/flights");
    await expect(support.page.getByRole("table", { name: "Flights" })).toBeVisible();
    await expect(support.page.locator("main form[method=post]")).toHaveCount(0);
  });
});
