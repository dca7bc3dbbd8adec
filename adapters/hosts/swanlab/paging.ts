import type { HostContext } from "./host_app.ts";

/** A page of a list, as every paginated answer has it. */
export interface Page<Item> {
  readonly list: readonly Item[];
  readonly size: number;
  readonly pages: number;
  readonly total: number;
}

/** The page that a request asks for with `page` (from 1) and `size`. */
export function pageOf<Item>(context: HostContext, all: readonly Item[]): Page<Item> {
  const size = Math.min(Math.max(number(context.req.query("size"), 20), 1), 1000);
  const page = Math.max(number(context.req.query("page"), 1), 1);
  return {
    list: all.slice((page - 1) * size, page * size),
    size,
    pages: Math.max(Math.ceil(all.length / size), 1),
    total: all.length,
  };
}

function number(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
