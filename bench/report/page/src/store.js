// What the reader has chosen, in one place; who draws from it is called after each change.

export class Store {
  constructor(values) {
    this.values = values;
    this.listeners = [];
    this.waiting = false;
  }
  get(name) { return this.values[name]; }
  /// Calls each listener once for all changes of a turn.
  set(name, value) {
    this.values[name] = value;
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      for (const listener of this.listeners) listener();
    });
  }
  on_change(listener) { this.listeners.push(listener); }
}
