// What a thread asks of the system's scheduler.
#pragma once

namespace peerwire {

/// For threads that wait, and work for microseconds once something has come: asks that they run as soon as it comes.
/// Without it, others that compute (compilers, codecs, the garbage collector's threads) keep a busy processor up to
/// the scheduler's next tick, 1 to 4 ms. No thread gets more time by it than its share; it is allowed to everybody.
/// Systems that do not know it (Linux before 6.12, sandboxes) leave the thread as it was.
void ask_for_prompt_scheduling();

/// For threads that compute: a thread begins with what the one that started it has asked for.
void ask_for_usual_scheduling();

}  // namespace peerwire
