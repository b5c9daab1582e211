import { parseQuantity, type Quantity } from '@coxswain/machinery';

/** Quantities as texts, by resource name. */
export type ResourceList = Readonly<Record<string, string>> | undefined;

/** One item of a LimitRange. */
export interface LimitItem {
  readonly type: string;
  readonly min?: ResourceList;
  readonly max?: ResourceList;
  readonly default?: ResourceList;
  readonly defaultRequest?: ResourceList;
  readonly maxLimitRequestRatio?: ResourceList;
}

/** What an item's bounds are compared with. */
export interface Bounded {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

function read(list: ResourceList, name: string): Quantity | undefined {
  const text = list?.[name];
  return text === undefined ? undefined : parseQuantity(text);
}

/** Every bound of the item that is broken, with upstream's texts. `type` is how these name the object. */
export function brokenBounds(item: LimitItem, type: string, bounded: Bounded): string[] {
  return [
    ...each(item.min, (name, text) => belowMinimum(name, text, type, bounded)),
    ...each(item.max, (name, text) => aboveMaximum(name, text, type, bounded)),
    ...each(item.maxLimitRequestRatio, (name, text) => aboveRatio(name, text, type, bounded)),
  ];
}

function each(list: ResourceList, check: (name: string, text: string) => string | undefined): string[] {
  return Object.entries(list ?? {}).flatMap(([name, text]) => check(name, text) ?? []);
}

function belowMinimum(name: string, text: string, type: string, bounded: Bounded): string | undefined {
  const [bound, request, limit] = [
    parseQuantity(text),
    read(bounded.requests, name),
    read(bounded.limits, name),
  ];
  const head = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${head}.  No request is specified`;
  if (request.compare(bound) < 0) return `${head}, but request is ${request}`;
  if (limit !== undefined && limit.compare(bound) < 0) return `${head}, but limit is ${limit}`;
  return undefined;
}

function aboveMaximum(name: string, text: string, type: string, bounded: Bounded): string | undefined {
  const [bound, request, limit] = [
    parseQuantity(text),
    read(bounded.requests, name),
    read(bounded.limits, name),
  ];
  const head = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${head}.  No limit is specified`;
  if (limit.compare(bound) > 0) return `${head}, but limit is ${limit}`;
  if (request !== undefined && request.compare(bound) > 0) return `${head}, but request is ${request}`;
  return undefined;
}

function aboveRatio(name: string, text: string, type: string, bounded: Bounded): string | undefined {
  const [bound, request, limit] = [
    parseQuantity(text),
    read(bounded.requests, name),
    read(bounded.limits, name),
  ];
  const head = `${name} max limit to request ratio per ${type} is ${bound}`;
  if (request === undefined || request.isZero) return `${head}, but no request is specified or request is 0`;
  if (limit === undefined || limit.isZero) return `${head}, but no limit is specified or limit is 0`;
  const ratio = Number(limit.milliValue()) / Number(request.milliValue());
  const most = Number(bound.milliValue()) / 1000;
  return ratio > most ? `${head}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

/** The bounds of a claim's size; claims have no limits. */
export function brokenClaimBounds(item: LimitItem, requests: ResourceList): string[] {
  return [
    ...each(item.min, (name, text) => belowMinimum(name, text, item.type, { requests, limits: undefined })),
    ...each(item.max, (name, text) => {
      const [bound, request] = [parseQuantity(text), read(requests, name)];
      const head = `maximum ${name} usage per ${item.type} is ${bound}`;
      if (request === undefined) return `${head}.  No request is specified`;
      return request.compare(bound) > 0 ? `${head}, but request is ${request}` : undefined;
    }),
  ];
}
