/** What is seen of requests from outside: access log, ids, figures, versions; over real sockets. */
package dev.lockstep.agent.proxy.account;
