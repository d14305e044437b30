"""The setup of a task whose conversation follows a procedure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.goals import answered_calls
from tasks.procedures.apis import ProcedureApis
from tasks.procedures.case import Case
from tasks.procedures.case_json import case_from_json
from tasks.procedures.customer import ProcedureCustomer, strays_of
from tasks.procedures.library import named
from tasks.types import Act, Task
from tools.executor import Executor
from tools.types import Json, Violation


@dataclass(frozen=True, slots=True)
class OnProcedure:
    """A setup in which the agent follows a procedure, and the customer a case."""

    case: Case
    """The customer's case, with its procedure."""

    @classmethod
    def of(cls, row: dict[str, Json]) -> OnProcedure:
        """Reads a sidecar's `case`.

        Raises:
            OSError: if the procedure's file cannot be read.
            ValueError: if the procedure does not exist, or the case has another form.
        """
        file = str(row["file"]) if row.get("file") else None
        return cls(case_from_json(row, named(str(row.get("procedure")), file)))

    @property
    def user(self) -> ProcedureCustomer:
        """The customer of the case."""
        return ProcedureCustomer(self.case)

    @property
    def base(self) -> None:
        """None: the mock APIs have no database."""
        return None

    @property
    def strict(self) -> bool:
        """True: an agent that leaves the procedure fails."""
        return True

    def start(self, task: Task) -> Executor:
        """The procedure's APIs before the first call."""
        return ProcedureApis.of(self.case, list(answered_calls(task.messages, task.turns)))

    def violations(self, task: Task, acts: Iterable[Act]) -> tuple[Violation, ...]:
        """The places where the conversation left the procedure."""
        del task
        strays = strays_of(self.case, acts)
        return tuple(Violation(stray.kind.value, number, stray.text) for number, stray in strays)
