import { type Check, checkNumber, type Rule, refusal } from '@steppe/check';

/** Makes the check of a list of numbers, at least one, each of which keeps the rule. */
export const listOf =
  (what: string, rule: Rule): Check =>
  (name, value) => {
    if (!Array.isArray(value) || value.length === 0) throw refusal(name, `a list of ${what}`, value);
    for (const one of value) checkNumber(`Each of ${name}`, one, rule);
  };
