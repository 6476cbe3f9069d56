// Ranks that import this loop for ever on SIGUSR2, and leave with a code of their own on SIGALRM.
process.on('SIGUSR2', () => {
  for (;;);
});
process.on('SIGALRM', () => process.exit(3));
