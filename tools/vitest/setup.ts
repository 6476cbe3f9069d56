import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

// One fixed seed for every property, so that a failure is the same on every machine; fast-check prints it with the
// counterexample.
fc.configureGlobal({ seed: Number(process.env.STEPPE_SEED ?? 20101412), numRuns: 50 });

// Silences the advice to install tfjs-node that the CPU backend prints at its first use.
tf.env().set('PROD', true);

// A worker runs many files, one after another: each begins on the CPU backend, whatever the one before it ended on.
if (tf.engine().backendNames().includes('cpu')) await tf.setBackend('cpu');
