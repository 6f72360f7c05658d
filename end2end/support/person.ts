// Somebody in front of a browser. Hides the one difference between the two ways the walks run: with Wasm a link and a
// form change the page in place, without JavaScript they load another document.

import { expect, type Locator, type Page } from "@playwright/test";
import { PASSWORD } from "./people";

export class Person {
  constructor(
    readonly page: Page,
    readonly javaScript: boolean,
  ) {}

  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.settled();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.settled();
  }

  /** Wasm has taken over. A click before that would be lost. */
  async settled(): Promise<void> {
    if (this.javaScript) await this.page.locator("html[data-hydrated]").waitFor({ state: "attached" });
  }

  /** Follows a link to its end. */
  async follow(link: Locator): Promise<void> {
    const href = await link.getAttribute("href");
    const to = new URL(href ?? "", this.page.url());
    await link.click();
    await this.page.waitForURL((url) => url.pathname === to.pathname && url.search === to.search);
    await this.settled();
  }

  /** Does what loads another document in both ways: a plain form, an external link. */
  async loads(act: () => Promise<unknown>): Promise<void> {
    const loaded = this.page.waitForEvent("load");
    await act();
    await loaded;
    await this.settled();
  }

  /** Sends a form that Wasm answers in place. What comes back is for the walk to expect. */
  async send(button: Locator): Promise<void> {
    if (this.javaScript) await button.click();
    else await this.loads(() => button.click());
  }

  async signIn(email: string, password: string = PASSWORD): Promise<void> {
    await this.page.getByLabel("Email", { exact: true }).fill(email);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.loads(() => this.page.getByRole("button", { name: "Sign in" }).click());
  }

  /** Looks until it holds: an open page follows by itself, without JavaScript its reader loads it again. */
  async sees(look: (within: { timeout: number }) => Promise<void>, timeout = 10_000): Promise<void> {
    if (this.javaScript) return look({ timeout });
    await expect(async () => {
      await this.reload();
      await look({ timeout: 1_000 });
    }).toPass({ timeout });
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole("heading", { level: 1, name, exact: true });
  }

  /** The sentence that a form ends with. */
  async told(sentence: string | RegExp): Promise<void> {
    await expect(this.page.locator(".notice").filter({ hasText: sentence })).toBeVisible();
  }

  /** The box above a form that was refused has the focus and leads to the field; the sentence stands beside it too. */
  async refused(field: string, sentence: string): Promise<void> {
    const box = this.page.getByRole("alert").filter({ hasText: "Please look at this again" });
    await expect(box.getByRole("link", { name: sentence })).toBeVisible();
    await expect(box).toBeFocused();
    const control = this.page.locator(`[id="${field}"]`);
    const frame = control.locator("xpath=ancestor-or-self::*[contains(concat(' ', @class, ' '), ' field ')]").last();
    await expect(frame.locator(".field-error")).toHaveText(sentence);
    await box.getByRole("link", { name: sentence }).click();
    await expect(control).toBeFocused();
  }
}
