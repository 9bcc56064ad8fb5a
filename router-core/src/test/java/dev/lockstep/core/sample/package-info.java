/** Small values that tests of several packages need. */
package dev.lockstep.core.sample;
