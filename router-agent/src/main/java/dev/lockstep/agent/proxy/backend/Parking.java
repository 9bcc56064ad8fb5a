package dev.lockstep.agent.proxy.backend;

/**
 * Keeps what is opened for whoever comes.
 *
 * @param done told when the attempt is over, well or not
 */
record Parking(Runnable done) implements UpstreamPool.Waiting {

  @Override
  public void connected(Upstream connection) {
    done.run();
    connection.park();
  }

  @Override
  public void failed(UpstreamPool.Failure failure) {
    done.run();
  }
}
