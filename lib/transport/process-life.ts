import { holdProcess, releaseProcess } from '../binding/event-door';

/** Whether one connection holds the process open: while it is active, unless it was unref()ed. */
export class ProcessLife {
  #isHolding = false;
  #isReferenced = true;
  #isActive = false;

  setReferenced(referenced: boolean): void {
    this.#isReferenced = referenced;
    this.#update();
  }

  setActive(active: boolean): void {
    this.#isActive = active;
    this.#update();
  }

  #update(): void {
    const hold = this.#isReferenced && this.#isActive;
    if (hold === this.#isHolding) return;
    this.#isHolding = hold;
    if (hold) holdProcess(this);
    else releaseProcess(this);
  }
}
