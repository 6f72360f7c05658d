// The forms of a rollout, while the clock stands: who may, what is asked, what is refused and where that is said.

import { startRollout, until } from "../support/api";
import { APPROVER, INCIDENT_LEAD, RELEASE_MANAGER, SUPPORT } from "../support/people";
import { confirm, confirmWithReason, happened, openRollout, state, TRAIN, unfold } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "rollout" });

test("started by one, approved by another, halted, resumed", async ({ as, api, javaScriptEnabled }) => {
  const { id } = await (await api(RELEASE_MANAGER)).rollout(TRAIN);
  const release = await as(RELEASE_MANAGER);
  const approver = await as(APPROVER);

  await test.step("nothing starts without the box", async () => {
    await openRollout(release);
    await expect(state(release)).toHaveText("Not started");
    const form = await unfold(release, `Start ${TRAIN}`);
    await expect(form).toContainText("Customers are told 5 days before each of their own nights.");
    await release.send(form.getByRole("button", { name: `Start ${TRAIN}` }));
    await release.refused("field-input-confirmed-start", "Tick the box to confirm.");
    await expect(state(release)).toHaveText("Not started");
  });

  await test.step("start", async () => {
    await release.page.getByRole("checkbox", { name: `Yes, start ${TRAIN}` }).check();
    await release.send(release.page.getByRole("button", { name: `Start ${TRAIN}` }));
    await release.told(/started/);
    await expect(state(release)).toHaveText("Running");
    await expect(happened(release)).toContainText("Rollout started by R. Iyer");
    await expect(release.page.getByRole("group", { name: `Start ${TRAIN}` })).toHaveCount(0);
  });

  const approvals = release.page.getByRole("region", { name: "Approvals" });

  await test.step("who started may not approve", async () => {
    await expect(approvals).toContainText("You started this rollout; somebody else approves");
    await expect(release.page.getByRole("button", { name: /^Approve station/ })).toHaveCount(0);
  });

  await test.step("somebody else approves", async () => {
    await openRollout(approver);
    await confirm(approver, "Approve station 2");
    await approver.told("Station 2 is approved.");
    await expect(approver.page.getByRole("region", { name: "Approvals" })).toContainText("approved by N. Okafor");
    await release.reload();
    await expect(approvals).toContainText("approved by N. Okafor");
    await expect(happened(release)).toContainText("Station 2 approved by N. Okafor");
  });

  await test.step("a halt says why, and what was typed stays", async () => {
    const form = await unfold(approver, `Halt ${TRAIN}`);
    await form.getByLabel("Reason").fill("posting fails </textarea><script>alert(1)</script> & “so on”");
    if (javaScriptEnabled) {
      // The page follows what others do; what is being typed stays, and so does the place.
      await (await api(APPROVER)).post("rollouts/approve", { "input[rollout]": id, "input[station]": "3", "input[confirmed]": "yes" });
      await expect(happened(approver)).toContainText("Station 3 approved by N. Okafor");
      await expect(form).toHaveAttribute("open", "");
      await expect(form.getByLabel("Reason")).toBeFocused();
    }
    await expect(form.getByLabel("Reason")).toHaveValue("posting fails </textarea><script>alert(1)</script> & “so on”");
    await approver.send(form.getByRole("button", { name: `Halt ${TRAIN}` }));
    if (javaScriptEnabled) {
      const box = form.getByRole("alert");
      await expect(box).toBeFocused();
      await (await api(APPROVER)).post("rollouts/approve", { "input[rollout]": id, "input[station]": "4", "input[confirmed]": "yes" });
      await expect(happened(approver)).toContainText("Station 4 approved by N. Okafor");
      await expect(box).toBeFocused();
    }
    await approver.refused("field-input-confirmed-halt", "Tick the box to confirm.");
    await expect(form.getByLabel("Reason")).toHaveValue("posting fails </textarea><script>alert(1)</script> & “so on”");
    await form.getByRole("checkbox").check();
    await form.getByLabel("Reason").fill("   ");
    await approver.send(form.getByRole("button", { name: `Halt ${TRAIN}` }));
    await approver.refused("field-input-reason", "Say why. The reason is shown to everybody concerned and kept in the audit trail.");
    await expect(state(approver)).toHaveText("Running");

    await form.getByRole("checkbox").check();
    await form.getByLabel("Reason").fill("posting fails");
    await approver.send(form.getByRole("button", { name: `Halt ${TRAIN}` }));
    await expect(state(approver)).toHaveText("Halted");
    await expect(approver.page.getByRole("alert").filter({ hasText: "Halted: nothing new starts" })).toContainText("posting fails");
    await expect(approver.page.getByRole("button", { name: `Resume ${TRAIN}` })).toHaveCount(0);
  });

  await test.step("the release manager resumes, and says why", async () => {
    await openRollout(release);
    await confirmWithReason(release, `Resume ${TRAIN}`, "the cause is known and not in this build");
    await expect(state(release)).toHaveText("Running");
    await expect(happened(release)).toContainText("Rollout resumed by R. Iyer: the cause is known and not in this build");
    // An approval given before a halt holds.
    await expect(approvals).toContainText("approved by N. Okafor");
  });
});

test("support looks and may do nothing", async ({ as, api }) => {
  const support = await as(SUPPORT);
  await openRollout(support);
  await expect(support.page.locator("main form[method=post]")).toHaveCount(0);
  const calls = await api(SUPPORT);
  const { id } = await calls.rollout(TRAIN);
  for (const deed of ["start", "approve", "halt", "resume"]) {
    const form = { "input[rollout]": id, "input[station]": "3", "input[reason]": "x", "input[confirmed]": "yes" };
    expect(await calls.tries(`rollouts/${deed}`, form), deed).toBe(403);
  }
});

test("the environments of a rollout are found by stage and state", async ({ server, as, api }) => {
  const calls = await api(INCIDENT_LEAD);
  if ((await calls.rollout(TRAIN)).state === "Not started") await startRollout(server, TRAIN);
  await until("everybody is aboard", 30_000, () => calls.rollout(TRAIN), ({ counts }) => counts.total > 500);
  const lead = await as(INCIDENT_LEAD);
  await openRollout(lead);
  const filters = lead.page.getByRole("search", { name: "Environments of this rollout" });
  await filters.getByLabel("Station").selectOption("1");
  await lead.loads(() => filters.getByRole("button", { name: "Show" }).click());
  await expect(lead.page).toHaveURL(/[?&]station=1/);
  const table = lead.page.getByRole("table", { name: "Environments of this rollout" });
  await expect(table.locator("tbody tr").first()).toBeVisible();
  for (const row of await table.locator("tbody tr").all()) await expect(row).toContainText("Station 1");
  await filters.getByLabel("State").selectOption("failed");
  await lead.loads(() => filters.getByRole("button", { name: "Show" }).click());
  await expect(lead.page.getByText("No environment matches")).toBeVisible();
});
