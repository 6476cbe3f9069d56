/** How a network's own predictions can stand beside the labels, by name (Reed et al., 2014). */
export const bootstraps = {
  soft: { about: 'its probabilities' },
  hard: { about: 'its likeliest class' },
} as const;
