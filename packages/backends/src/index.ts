export {
  type BackendName,
  type BackendOptions,
  type BackendRequest,
  backendNames,
  type DeviceDetails,
} from './device.ts';
export { type DeviceRow, devices, formatDevices, inspectDevice } from './devices.ts';
export { repairCommand } from './remedies.ts';
export { type Chosen, type PassedOver, useBackend } from './use-backend.ts';
export { registerWasmKernels } from './wasm-kernels.ts';
