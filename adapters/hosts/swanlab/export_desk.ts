import { randomId } from "./random_id.ts";
import { notFound } from "./refusal.ts";

/** One column of a table of scalars. */
export interface ExportColumn {
  readonly run: string;
  readonly key: string;
  /** The run's name, for the table's head. */
  readonly name: string;
}

/** What was ordered, and is written only when it is fetched. */
export type Export =
  | { readonly kind: "scalars"; readonly columns: readonly ExportColumn[] }
  | { readonly kind: "lines"; readonly run: string; readonly start: number; readonly rows: number };

/** Orders that are kept; the oldest go first. */
const mostOrders = 10_000;

/** Orders of tables and logs. They are lost when the host ends, and ordered again then. */
export class ExportDesk {
  readonly #orders = new Map<string, Export>();

  /** Takes an order and returns the path under which it is fetched. */
  order(order: Export): string {
    const path = `exports-${randomId()}.${order.kind === "scalars" ? "csv" : "log"}`;
    this.#orders.set(path, order);
    const [oldest] = this.#orders.keys();
    if (this.#orders.size > mostOrders && oldest !== undefined) this.#orders.delete(oldest);
    return path;
  }

  /** @throws {Refusal} when nothing was ordered under that path. */
  find(path: string): Export {
    const order = this.#orders.get(path);
    if (order === undefined) throw notFound(`There is no file ${path}`);
    return order;
  }
}
