import { z } from 'zod';
import { entryOf, type NetworkName, networkNames } from './own.ts';

type Json = { readonly [name: string]: unknown };

const draft = 'https://json-schema.org/draft/2020-12/schema';

/** What a config file says of a network. */
function properties(name: NetworkName): Json {
  const own = Object.entries(entryOf(name).options).map(([option, { about, kind, fallback }]) => {
    const { $schema: _, ...json } = z.toJSONSchema(kind.schema, { io: 'input' });
    return [option, { description: `${about}: ${kind.expects}`, ...json, default: fallback }];
  });
  return { network: { const: name, description: entryOf(name).about }, ...Object.fromEntries(own) };
}

/** The JSON Schema of what a config file says of one network, for editors. */
export const networkSchema = (name: NetworkName): Json => ({
  $schema: draft,
  title: name,
  type: 'object',
  properties: properties(name),
  required: ['network'],
});

/** The JSON Schema of what a config file says of its network, whichever it is. */
export const networksSchema = (): Json => ({
  $schema: draft,
  title: 'The network of steppe train',
  type: 'object',
  anyOf: networkNames.map((name) => ({ properties: properties(name), required: ['network'] })),
});
