/** How the user called us, to say what to type next: in a clone by the scripts of its package.json. */
export const command = ['start', 'steppe'].includes(process.env.npm_lifecycle_event ?? '')
  ? 'npm run steppe --'
  : 'steppe';
