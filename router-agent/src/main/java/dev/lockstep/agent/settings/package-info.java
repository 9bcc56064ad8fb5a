/**
 * What can be set, in one table: it reads the settings, prints the help and the reference page. No
 * other package reads flags, environment or files of settings.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.settings.AgentSettings}, the tree of all settings
 *   <li>{@link dev.lockstep.agent.settings.SettingsReading}, what comes of reading them
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.settings;

import org.jspecify.annotations.NullMarked;
