import { checkOneOf } from '@steppe/check';
import { leaves, type Tree } from '@steppe/tree';

/** What becomes of a part of the aux: the mean over the examples, the sum over the slices, or all of them, one behind
 * the other along their first dimension. */
export type AuxRule = 'mean' | 'sum' | 'concat';

/** A rule for a whole tree, or rules for its parts by name. */
export type AuxRules = AuxRule | readonly AuxRules[] | { readonly [name: string]: AuxRules };

/** What is done to a leaf; in the aux where nothing is declared, what looks like a list of examples is refused. */
export type LeafRule = AuxRule | 'undeclared';

/** The rule of every leaf, by its path. */
export type RuleOf = (path: string) => LeafRule;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The rules as a list: the path that each of them is for, and of all below it. */
function listed(rules: AuxRules, path: string): readonly (readonly [path: string, rule: AuxRule])[] {
  if (typeof rules === 'string') return [[path, rules]];
  if (Array.isArray(rules)) return rules.flatMap((rule: AuxRules, i) => listed(rule, `${path}[${i}]`));
  return Object.entries(rules).flatMap(([key, rule]) =>
    listed(rule, identifier.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`),
  );
}

const isBelow = (path: string, prefix: string): boolean =>
  path === prefix || (path.startsWith(prefix) && /^[.[]/.test(path.slice(prefix.length)));

/** Refuses rules that are none. */
export function checkAuxRules(name: string, rules: unknown): void {
  if (typeof rules !== 'object' || rules === null) checkOneOf(name, rules, ['mean', 'sum', 'concat']);
  else for (const [key, rule] of Object.entries(rules)) checkAuxRules(`${name}.${key}`, rule);
}

/**
 * Finds the rule of every leaf of an evaluation: what is declared for the aux, and means elsewhere.
 *
 * @throws When a rule is for what the evaluation has not.
 */
export function ruleOf(name: string, evaluation: Tree, rules: AuxRules | undefined, inStep: boolean): RuleOf {
  const declared = rules === undefined ? [] : listed(rules, '.aux');
  const paths = leaves(evaluation).map(({ path }) => path);
  for (const [prefix] of declared)
    if (!paths.some((path) => isBelow(path, prefix)))
      throw new Error(
        `aux of ${name} has a rule for "${prefix}", which the loss does not give: ${paths.filter((path) => isBelow(path, '.aux')).join(', ') || 'it gives no aux'}.`,
      );
  return (path) => {
    const own = declared.find(([prefix]) => isBelow(path, prefix));
    if (own !== undefined) return own[1];
    // The next state of a model has nothing of the examples, also where it has as many channels.
    return isBelow(path, '.aux') && !(inStep && isBelow(path, '.aux.state')) ? 'undeclared' : 'mean';
  };
}
