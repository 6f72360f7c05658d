// What people do on the page of a rollout, and what they look at there.

import { expect, type Locator } from "@playwright/test";
import type { Person } from "./person";

export const TRAIN = "10.0.48 PQU-7";
export const BUILD = "10.0.2645.147";

export async function openRollout(person: Person, train: string = TRAIN): Promise<void> {
  await person.open("/rollouts");
  await person.follow(person.page.getByRole("link", { name: train, exact: true }));
  await expect(person.heading(train)).toBeVisible();
}

/** The state beside the title: "Running", "Halted". */
export function state(person: Person): Locator {
  return person.page.locator(".page-sub .chip");
}

export function happened(person: Person): Locator {
  return person.page.getByRole("region", { name: "What happened" });
}

/** The form behind a button such as "Halt 10.0.48 PQU-7…", opened. */
export async function unfold(person: Person, button: string): Promise<Locator> {
  const disclosure = person.page.locator("details", { has: person.page.locator("summary", { hasText: button }) });
  await disclosure.locator("summary").click();
  await expect(disclosure).toHaveAttribute("open", "");
  return disclosure;
}

/** Start and approve: a box to tick, a button. */
export async function confirm(person: Person, button: string): Promise<void> {
  const form = await unfold(person, button);
  await form.getByRole("checkbox").check();
  await person.send(form.getByRole("button", { name: button }));
}

/** Halt and resume: they also say why. */
export async function confirmWithReason(person: Person, button: string, reason: string): Promise<void> {
  const form = await unfold(person, button);
  await form.getByRole("checkbox").check();
  await form.getByLabel("Reason").fill(reason);
  await person.send(form.getByRole("button", { name: button }));
}
