// What there is one of in a loop.
#pragma once

#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

namespace peerwire {

/// One object of each type that is asked for. Of a loop and not of a thread: other threads run turns of it, too.
class LoopParts {
 public:
  LoopParts() = default;
  ~LoopParts() { clear(); }
  LoopParts(const LoopParts&) = delete;
  LoopParts& operator=(const LoopParts&) = delete;

  /// Made by who asks first, and then always the same.
  template <typename Type>
  Type& get() {
    for (const Part& part : parts_) {
      if (*part.type == typeid(Type)) return *static_cast<Type*>(part.object.get());
    }
    auto made = std::make_shared<Type>();
    parts_.push_back({&typeid(Type), made});
    return *made;
  }

  /// Destroys them, the youngest first: what asks for others when it is made may use them to its end.
  void clear() {
    while (!parts_.empty()) {
      const Part youngest = std::move(parts_.back());
      parts_.pop_back();
    }
  }

 private:
  struct Part {
    const std::type_info* type;
    std::shared_ptr<void> object;  // shared, because that destroys what it is
  };
  std::vector<Part> parts_;
};

}  // namespace peerwire
