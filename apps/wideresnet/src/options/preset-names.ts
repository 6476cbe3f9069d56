/** The presets by name; what they say is in presets.ts. */
export const presetNames = ['fashion-mini', 'fashion-small', 'fashion', 'cifar10-paper', 'cifar100-paper'] as const;

export type PresetName = (typeof presetNames)[number];
