import '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { sweep } from '@steppe/conformance';

process.on('message', async ({ backend, seed, gradients, work }) => {
  try {
    await useBackend('cpu');
    await useBackend(backend);
    for (const { name, from, cases } of work) {
      await sweep(backend, {
        seed,
        gradients,
        ops: [name],
        from,
        cases,
        onProgram: (program) => process.send({ program }),
        onFinding: (finding) => process.send({ finding }),
      });
    }
    process.send({ done: true });
  } catch (error) {
    process.send({ failed: `${error?.message}` });
  }
});
