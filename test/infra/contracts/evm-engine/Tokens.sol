// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Tokens that misbehave, each in the way that its mode says.
contract Token {
    enum Mode {
        Silent,
        SaysFalse,
        KeepsSome,
        Reenters
    }

    uint8 public constant decimals = 6;
    Mode public mode;
    bytes public call;
    /// What the engine said when it was called back.
    bytes public answer;
    mapping(address => uint256) public balanceOf;

    function setMode(Mode next, bytes calldata call_) external {
        mode = next;
        call = call_;
    }

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
    }

    function approve(address, uint256) external {}

    function transfer(address to, uint256 value) external {
        _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        _move(from, to, value);
    }

    function _move(address from, address to, uint256 value) private {
        balanceOf[from] -= value;
        balanceOf[to] += mode == Mode.KeepsSome ? value - 1 : value;
        if (mode == Mode.Reenters) {
            (, answer) = msg.sender.call(call);
        }
        if (mode == Mode.SaysFalse) {
            assembly ("memory-safe") {
                mstore(0, 0)
                return(0, 32)
            }
        }
    }
}

contract EighteenAndMore {
    uint8 public constant decimals = 19;
}
