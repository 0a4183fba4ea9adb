export { type BackendContract, type BackendFailure, type BackendFixture, backendContract, type Delivered } from './backend-contract.js'
export { type CarrierFault, type FaultyCarrier, faultyCarrier } from './carrier.js'
export { type FakeClock, fakeClock } from './clock.js'
export { createTestVerifier, type TestVerifier } from './test-verifier.js'
