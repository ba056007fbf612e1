// Whose a user name fragment is, on a port that several ICE transports share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace peerwire::ice {

/// Of the user name of a request ("ours:theirs", RFC 8445 section 7.2.2), the part of whom it is for.
inline std::string local_fragment_of(std::string_view username) {
  return std::string(username.substr(0, username.find(':')));
}

template <typename Member>
class UsernameFragments {
 public:
  /// Of a member, the latest: two generations are answered at a time.
  static constexpr size_t kMax = 8;
  struct Entry {
    Member* member = nullptr;
    int tag = 0;
  };

  void add(Member* member, int tag, const std::string& fragment) {
    std::vector<std::string>& fragments = of_member_[member];
    std::erase(fragments, fragment);
    fragments.push_back(fragment);
    by_fragment_[fragment] = {member, tag};
    if (fragments.size() <= kMax) return;
    forget(member, fragments.front());
    fragments.erase(fragments.begin());
  }

  void remove(Member* member) {
    const auto found = of_member_.find(member);
    if (found == of_member_.end()) return;
    for (const std::string& fragment : found->second) forget(member, fragment);
    of_member_.erase(found);
  }

  /// Null: nobody's. Valid until something is added or removed.
  const Entry* find(const std::string& fragment) const {
    const auto found = by_fragment_.find(fragment);
    return found == by_fragment_.end() ? nullptr : &found->second;
  }

 private:
  /// Another member may have taken it over.
  void forget(Member* member, const std::string& fragment) {
    const auto found = by_fragment_.find(fragment);
    if (found != by_fragment_.end() && found->second.member == member) by_fragment_.erase(found);
  }

  std::unordered_map<std::string, Entry> by_fragment_;
  std::unordered_map<Member*, std::vector<std::string>> of_member_;
};

}  // namespace peerwire::ice
