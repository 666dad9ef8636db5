/** What is used of cockatiel, so that the Worker ships no more of it although it is loaded late. */
export { BrokenCircuitError, CircuitState, circuitBreaker, handleWhen } from "cockatiel";
