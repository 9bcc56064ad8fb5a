/**
 * The house rules as tests: sizes, names, calls, who may know whom, and that every rule of the
 * protocol has a test.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.house.HouseStyleTest}
 *   <li>{@link dev.lockstep.core.house.ArchitectureTest}
 *   <li>{@link dev.lockstep.core.house.ProtocolRulesTest}
 * </ul>
 */
package dev.lockstep.core.house;
