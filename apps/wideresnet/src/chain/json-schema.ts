import { z } from 'zod';
import type { Entry } from './entry.ts';
import { optionsSchema } from './nested.ts';
import type { CallKind } from './param.ts';
import { tables } from './table.ts';

type Json = { readonly [name: string]: unknown };

const ofZod = (schema: z.ZodType): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
};

/** What may stand behind the name of a link: its options, and its first option where it needs no other. */
function valuesOf({ takes }: Entry<unknown>): readonly Json[] {
  const [first, ...others] = Object.values(takes);
  const alone = first !== undefined && others.every(({ spare }) => spare);
  return [ofZod(optionsSchema(takes)), ...(alone ? [ofZod(first.schema)] : [])];
}

const callOf = (name: string, entry: Entry<unknown>): Json => ({
  description: entry.about,
  type: 'object',
  properties: { [name]: { anyOf: valuesOf(entry) } },
  required: [name],
  additionalProperties: false,
});

const needsNothing = ({ takes }: Entry<unknown>): boolean => Object.values(takes).every(({ spare }) => spare);

function definitionOf(kind: CallKind): Json {
  const entries: readonly (readonly [string, Entry<unknown>])[] = Object.entries(tables[kind]);
  const alone = entries.filter(([, entry]) => needsNothing(entry)).map(([name]) => name);
  const calls = entries.map(([name, entry]) => callOf(name, entry));
  return { anyOf: alone.length === 0 ? calls : [...calls, { enum: alone }] };
}

const draft = 'https://json-schema.org/draft/2020-12/schema';
const several = { anyOf: [{ $ref: '#/$defs/link' }, { type: 'array', items: { $ref: '#/$defs/link' } }] };

/** The definitions that a schema refers to, and those that these refer to. */
function definitionsFor(json: Json): Json {
  const all: Json = {
    links: several,
    link: definitionOf('link'),
    schedule: definitionOf('schedule'),
    radius: definitionOf('radius'),
  };
  const needed = new Set<string>();
  const collect = (part: Json): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/\$defs\/(\w+)"/g))
      if (!needed.has(name)) {
        needed.add(name);
        collect(all[name] as Json);
      }
  };
  collect(json);
  return needed.size === 0
    ? json
    : { ...json, $defs: Object.fromEntries([...needed].map((name) => [name, all[name]])) };
}

/** The JSON Schema of a whole chain, for editors of config files. */
export const chainSchema = (): Json => definitionsFor({ $schema: draft, title: 'A chain of steppe train', ...several });

/** The JSON Schema of one link or schedule. */
export const callSchema = (name: string, entry: Entry<unknown>): Json =>
  definitionsFor({ $schema: draft, title: name, ...callOf(name, entry) });
