export { type BackendName, type BackendOptions, backendNames, type DeviceDetails } from './device.ts';
export { type DeviceRow, devices, formatDevices, inspectDevice } from './devices.ts';
export { type Chosen, type PassedOver, useBackend } from './use-backend.ts';
export { registerWasmKernels } from './wasm/register.ts';
