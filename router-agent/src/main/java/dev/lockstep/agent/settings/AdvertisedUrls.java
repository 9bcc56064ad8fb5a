package dev.lockstep.agent.settings;

import java.util.List;
import java.util.Optional;

/**
 * How others reach the ports that this replica opens, where the settings do not say it.
 *
 * @param texts takes the problems
 * @param podIp address of this pod, if it is known
 */
record AdvertisedUrls(SettingTexts texts, Optional<String> podIp) {

  /**
   * {@return the URL that is set, else one made from the first port that belongs to this process
   * alone; empty if no port is opened}
   */
  String of(Setting<Optional<String>> setting, List<ListenAddress> listen) {
    Optional<String> given = texts.get(setting);
    if (given.isPresent() || listen.isEmpty()) {
      return given.orElse("");
    }
    // A shared port leads to any of the processes: callers of this URL mean this one.
    ListenAddress own =
        listen.stream()
            .filter(address -> address.sharing() == ListenAddress.Sharing.EXCLUSIVE)
            .findFirst()
            .orElse(listen.getFirst());
    String host = own.isWildcard() ? podIp.orElse("") : own.host();
    if (host.isEmpty() || own.port() == 0) {
      texts.complain(
          setting.key(),
          "nothing",
          setting.type().expected() + ", or pod-ip and a port other than 0 in its place");
      return "";
    }
    String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String scheme = setting.type().expected().substring(0, setting.type().expected().indexOf(':'));
    return scheme + "://" + shown + ":" + own.port();
  }
}
