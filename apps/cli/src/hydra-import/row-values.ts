import { Refusal } from '../refusal.js';

/** @throws Refusal naming the column */
export function jsonIn(column: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(`its ${column} is no JSON`);
  }
}

/** A list of texts: joined by `|` up to v1.11, JSON since. */
export function listIn(column: string, text: string | null | undefined): string[] {
  if (text === null || text === undefined || text === '' || text === 'null') return [];
  if (!text.startsWith('[')) return text.split('|').filter((part) => part !== '');
  const list = jsonIn(column, text);
  return Array.isArray(list) ? list.map(String) : [];
}

/** An object as JSON, `{}` where there is none. */
export function objectIn(column: string, text: string | null | undefined): object {
  if (text === null || text === undefined || text === '') return {};
  const value = jsonIn(column, text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** A time as PostgreSQL writes it, in the form of RFC 3339; without a time zone it is UTC. */
export function timeIn(text: string): string {
  const [, day, time, zone = ''] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::?\d\d)?)?$/.exec(text) ?? [];
  if (day === undefined || time === undefined) return text;
  if (zone === '') return `${day}T${time}Z`;
  return `${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`;
}
